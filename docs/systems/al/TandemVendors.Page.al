// Not compiled here: written from the documentation of AL and of the base application.
page 50112 "Tandem Vendors"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'vendor';
    EntitySetName = 'vendors';
    SourceTable = Vendor;
    ODataKeyFields = SystemId;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(number; Rec."No.") { Caption = 'No.'; }
                field(displayName; Rec.Name) { Caption = 'Name'; }
                field(contact; Rec.Contact) { Caption = 'Contact'; }
                field(addressLine1; Rec.Address) { Caption = 'Address'; }
                field(addressLine2; Rec."Address 2") { Caption = 'Address 2'; }
                field(city; Rec.City) { Caption = 'City'; }
                field(state; Rec.County) { Caption = 'County'; }
                field(country; Rec."Country/Region Code") { Caption = 'Country/Region Code'; }
                field(postalCode; Rec."Post Code") { Caption = 'Post Code'; }
                field(phoneNumber; Rec."Phone No.") { Caption = 'Phone No.'; }
                field(faxNumber; Rec."Fax No.") { Caption = 'Fax No.'; }
                field(email; Rec."E-Mail") { Caption = 'E-Mail'; }
                field(website; Rec."Home Page") { Caption = 'Home Page'; }
                field(blocked; Rec.Blocked) { Caption = 'Blocked'; }
                field(currencyId; currencyId)
                {
                    Caption = 'Currency Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(currencyId) then
                            Rec.Validate("Currency Code", '')
                        else begin
                            CurrencyIdRecord.GetBySystemId(currencyId);
                            Rec.Validate("Currency Code", CurrencyIdRecord.Code);
                        end;
                    end;
                }
                field(purchaserId; purchaserId)
                {
                    Caption = 'Purchaser Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(purchaserId) then
                            Rec.Validate("Purchaser Code", '')
                        else begin
                            PurchaserIdRecord.GetBySystemId(purchaserId);
                            Rec.Validate("Purchaser Code", PurchaserIdRecord.Code);
                        end;
                    end;
                }
                field(paymentTermsId; paymentTermsId)
                {
                    Caption = 'Payment Terms Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(paymentTermsId) then
                            Rec.Validate("Payment Terms Code", '')
                        else begin
                            PaymentTermsIdRecord.GetBySystemId(paymentTermsId);
                            Rec.Validate("Payment Terms Code", PaymentTermsIdRecord.Code);
                        end;
                    end;
                }
                field(shipmentMethodId; shipmentMethodId)
                {
                    Caption = 'Shipment Method Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(shipmentMethodId) then
                            Rec.Validate("Shipment Method Code", '')
                        else begin
                            ShipmentMethodIdRecord.GetBySystemId(shipmentMethodId);
                            Rec.Validate("Shipment Method Code", ShipmentMethodIdRecord.Code);
                        end;
                    end;
                }
                field(shippingAgentId; shippingAgentId)
                {
                    Caption = 'Shipping Agent Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(shippingAgentId) then
                            Rec.Validate("Shipping Agent Code", '')
                        else begin
                            ShippingAgentIdRecord.GetBySystemId(shippingAgentId);
                            Rec.Validate("Shipping Agent Code", ShippingAgentIdRecord.Code);
                        end;
                    end;
                }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Clear(currencyId);
        if Rec."Currency Code" <> '' then
            if CurrencyIdRecord.Get(Rec."Currency Code") then
                currencyId := CurrencyIdRecord.SystemId;
        Clear(purchaserId);
        if Rec."Purchaser Code" <> '' then
            if PurchaserIdRecord.Get(Rec."Purchaser Code") then
                purchaserId := PurchaserIdRecord.SystemId;
        Clear(paymentTermsId);
        if Rec."Payment Terms Code" <> '' then
            if PaymentTermsIdRecord.Get(Rec."Payment Terms Code") then
                paymentTermsId := PaymentTermsIdRecord.SystemId;
        Clear(shipmentMethodId);
        if Rec."Shipment Method Code" <> '' then
            if ShipmentMethodIdRecord.Get(Rec."Shipment Method Code") then
                shipmentMethodId := ShipmentMethodIdRecord.SystemId;
        Clear(shippingAgentId);
        if Rec."Shipping Agent Code" <> '' then
            if ShippingAgentIdRecord.Get(Rec."Shipping Agent Code") then
                shippingAgentId := ShippingAgentIdRecord.SystemId;
    end;

    var
        currencyId: Guid;
        CurrencyIdRecord: Record Currency;
        purchaserId: Guid;
        PurchaserIdRecord: Record "Salesperson/Purchaser";
        paymentTermsId: Guid;
        PaymentTermsIdRecord: Record "Payment Terms";
        shipmentMethodId: Guid;
        ShipmentMethodIdRecord: Record "Shipment Method";
        shippingAgentId: Guid;
        ShippingAgentIdRecord: Record "Shipping Agent";
}

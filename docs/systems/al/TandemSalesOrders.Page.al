// Not compiled here: written from the documentation of AL and of the base application.
page 50110 "Tandem Sales Orders"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'salesOrder';
    EntitySetName = 'salesOrders';
    SourceTable = "Sales Order Entity Buffer";
    ODataKeyFields = Id;
    DelayedInsert = true;
    Extensible = false;
    InsertAllowed = false;
    ModifyAllowed = false;
    DeleteAllowed = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.Id) { Caption = 'Id'; Editable = false; }
                field(number; Rec."No.") { Caption = 'No.'; }
                field(status; Rec.Status) { Caption = 'Status'; }
                field(externalDocumentNumber; Rec."External Document No.") { Caption = 'External Document No.'; }
                field(orderDate; Rec."Document Date") { Caption = 'Document Date'; }
                field(requestedDeliveryDate; Rec."Requested Delivery Date") { Caption = 'Requested Delivery Date'; }
                field(billToName; Rec."Bill-to Name") { Caption = 'Bill-to Name'; }
                field(billToAddressLine1; Rec."Bill-to Address") { Caption = 'Bill-to Address'; }
                field(billToAddressLine2; Rec."Bill-to Address 2") { Caption = 'Bill-to Address 2'; }
                field(billToCity; Rec."Bill-to City") { Caption = 'Bill-to City'; }
                field(billToCountry; Rec."Bill-to Country/Region Code") { Caption = 'Bill-to Country/Region Code'; }
                field(billToState; Rec."Bill-to County") { Caption = 'Bill-to County'; }
                field(billToPostCode; Rec."Bill-to Post Code") { Caption = 'Bill-to Post Code'; }
                field(shipToName; Rec."Ship-to Name") { Caption = 'Ship-to Name'; }
                field(shipToAddressLine1; Rec."Ship-to Address") { Caption = 'Ship-to Address'; }
                field(shipToAddressLine2; Rec."Ship-to Address 2") { Caption = 'Ship-to Address 2'; }
                field(shipToCity; Rec."Ship-to City") { Caption = 'Ship-to City'; }
                field(shipToCountry; Rec."Ship-to Country/Region Code") { Caption = 'Ship-to Country/Region Code'; }
                field(shipToState; Rec."Ship-to County") { Caption = 'Ship-to County'; }
                field(shipToPostCode; Rec."Ship-to Post Code") { Caption = 'Ship-to Post Code'; }
                field(discountAmount; Rec."Invoice Discount Amount") { Caption = 'Invoice Discount Amount'; }
                field(totalAmountExcludingTax; Rec.Amount) { Caption = 'Amount'; }
                field(totalAmountIncludingTax; Rec."Amount Including VAT") { Caption = 'Amount Including VAT'; }
                field(lastShipmentDate; lastShipmentDate) { Caption = 'Last Shipment Date'; Editable = false; }
                field(fullyInvoiced; fullyInvoiced) { Caption = 'Completely Invoiced'; Editable = false; }
                field(customerId; Rec."Customer Id") { Caption = 'Customer Id'; }
                field(currencyId; Rec."Currency Id") { Caption = 'Currency Id'; }
                field(paymentTermsId; Rec."Payment Terms Id") { Caption = 'Payment Terms Id'; }
                field(shippingAgentId; shippingAgentId) { Caption = 'Shipping Agent Id'; Editable = false; }
                field(salespersonId; salespersonId) { Caption = 'Salesperson Id'; Editable = false; }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Clear(salespersonId);
        if Rec."Salesperson Code" <> '' then
            if SalespersonIdRecord.Get(Rec."Salesperson Code") then
                salespersonId := SalespersonIdRecord.SystemId;
        Clear(shippingAgentId);
        if SalesHeader.GetBySystemId(Rec.Id) then
            if SalesHeader."Shipping Agent Code" <> '' then
                if ShippingAgent.Get(SalesHeader."Shipping Agent Code") then
                    shippingAgentId := ShippingAgent.SystemId;
        lastShipmentDate := 0D;
        SalesShipmentHeader.SetCurrentKey("Posting Date");
        SalesShipmentHeader.SetRange("Order No.", Rec."No.");
        if SalesShipmentHeader.FindLast() then
            lastShipmentDate := SalesShipmentHeader."Posting Date";
        fullyInvoiced := IsFullyInvoiced();
    end;

    local procedure IsFullyInvoiced(): Boolean
    var
        SalesLine: Record "Sales Line";
        AnyInvoiced: Boolean;
    begin
        SalesLine.SetRange("Document Type", SalesLine."Document Type"::Order);
        SalesLine.SetRange("Document No.", Rec."No.");
        SalesLine.SetFilter(Quantity, '<>0');
        if SalesLine.FindSet() then
            repeat
                if SalesLine."Quantity Invoiced" <> SalesLine.Quantity then
                    exit(false);
                AnyInvoiced := true;
            until SalesLine.Next() = 0;
        exit(AnyInvoiced);
    end;

    var
        salespersonId: Guid;
        SalespersonIdRecord: Record "Salesperson/Purchaser";
        SalesHeader: Record "Sales Header";
        ShippingAgent: Record "Shipping Agent";
        SalesShipmentHeader: Record "Sales Shipment Header";
        shippingAgentId: Guid;
        lastShipmentDate: Date;
        fullyInvoiced: Boolean;
}

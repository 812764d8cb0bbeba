// Not compiled here: written from the documentation of AL and of the base application.
page 50108 "Tandem Sales Invoices"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'salesInvoice';
    EntitySetName = 'salesInvoices';
    SourceTable = "Sales Invoice Entity Aggregate";
    // Posted invoices alone; the table keeps drafts too.
    SourceTableView = where(Posted = const(true));
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
                field(customerPurchaseOrderReference; Rec."Your Reference") { Caption = 'Your Reference'; }
                field(invoiceDate; Rec."Document Date") { Caption = 'Document Date'; }
                field(postingDate; Rec."Posting Date") { Caption = 'Posting Date'; }
                field(dueDate; Rec."Due Date") { Caption = 'Due Date'; }
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
                field(paymentStatus; paymentStatus) { Caption = 'Payment Status'; Editable = false; }
                field(hasBlockedLine; hasBlockedLine) { Caption = 'Has Blocked Line'; Editable = false; }
                field(shipmentMethodDescription; shipmentMethodDescription) { Caption = 'Shipment Method Description'; Editable = false; }
                field(customerId; Rec."Customer Id") { Caption = 'Customer Id'; }
                field(currencyId; Rec."Currency Id") { Caption = 'Currency Id'; }
                field(paymentTermsId; Rec."Payment Terms Id") { Caption = 'Payment Terms Id'; }
                field(shipmentDate; shipmentDate) { Caption = 'Shipment Date'; Editable = false; }
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
        Clear(SalesInvoiceHeader);
        if SalesInvoiceHeader.Get(Rec."No.") then;
        shipmentDate := SalesInvoiceHeader."Shipment Date";
        Clear(shippingAgentId);
        if SalesInvoiceHeader."Shipping Agent Code" <> '' then
            if ShippingAgent.Get(SalesInvoiceHeader."Shipping Agent Code") then
                shippingAgentId := ShippingAgent.SystemId;
        paymentStatus := paymentStatus::Paid;
        if Rec.Status <> Rec.Status::Canceled then begin
            remainingAmount := SalesInvoiceHeader.GetRemainingAmount();
            if remainingAmount >= Rec."Amount Including VAT" then
                paymentStatus := paymentStatus::Open
            else
                if remainingAmount <> 0 then
                    paymentStatus := paymentStatus::Partial;
        end;
        hasBlockedLine := IsAnyLineBlocked();
        shipmentMethodDescription := '';
        if ShipmentMethod.Get(SalesInvoiceHeader."Shipment Method Code") then
            shipmentMethodDescription := ShipmentMethod.Description;
    end;

    local procedure IsAnyLineBlocked(): Boolean
    var
        SalesInvoiceLine: Record "Sales Invoice Line";
        Item: Record Item;
        Resource: Record Resource;
    begin
        SalesInvoiceLine.SetRange("Document No.", Rec."No.");
        SalesInvoiceLine.SetFilter(Type, '%1|%2', SalesInvoiceLine.Type::Item, SalesInvoiceLine.Type::Resource);
        if SalesInvoiceLine.FindSet() then
            repeat
                case SalesInvoiceLine.Type of
                    SalesInvoiceLine.Type::Item:
                        if Item.Get(SalesInvoiceLine."No.") then
                            if Item.Blocked then
                                exit(true);
                    SalesInvoiceLine.Type::Resource:
                        if Resource.Get(SalesInvoiceLine."No.") then
                            if Resource.Blocked then
                                exit(true);
                end;
            until SalesInvoiceLine.Next() = 0;
        exit(false);
    end;

    var
        salespersonId: Guid;
        SalespersonIdRecord: Record "Salesperson/Purchaser";
        SalesInvoiceHeader: Record "Sales Invoice Header";
        ShippingAgent: Record "Shipping Agent";
        ShipmentMethod: Record "Shipment Method";
        shipmentDate: Date;
        shippingAgentId: Guid;
        remainingAmount: Decimal;
        paymentStatus: Option Open,Partial,Paid;
        hasBlockedLine: Boolean;
        shipmentMethodDescription: Text[100];
}
